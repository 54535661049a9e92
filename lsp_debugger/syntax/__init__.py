"""What a parser knows of a text: scopes, imports, names, literals. Grammars load on first need."""
