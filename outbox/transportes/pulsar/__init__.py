"""Real transport: topics, consumption and publication on Apache Pulsar."""
