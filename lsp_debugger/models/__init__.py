"""Everything about models: the prompt, the programs that serve them, how near they are, what they say."""
