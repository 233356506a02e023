"""Finding rows by what people remember of them: a word of a name, a part of a reference."""
