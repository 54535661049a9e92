"""Words that talk about secrets. A value made of nothing else is no secret: `your-api-key`, `password1`."""

_WORDS = """
a an the my your our this that is are be to of or and not no in on for with from by at as it any all one
two api key keys token tokens secret secrets password passwords passwd pass passphrase pwd pw auth oauth
access private public client credential credentials cred creds login log user username name names id ids
uuid example sample dummy placeholder change changeme me replace replaceme redacted insert todo fixme
here test testing some field type value values string text str int bool bytes none null nil undefined
required optional default enter input output confirm confirmation current new old reset forgot hidden
invalid wrong missing prompt show hide hash hashed encrypted encoded plain env var variable config
settings setting app application db database postgres mysql redis admin root master main file path url
uri host server service account session bearer basic jwt header headers cookie csrf xsrf xx xxx xxxx foo
bar baz foobar foobarbaz true false yes very super strong weak secure set unset empty blank unknown first
last code grant refresh signing signature sign verify ssh rsa dsa ed pem cert certificate manager store
vault data info utf ascii latin sha md hex base decode encode
"""
TALK = frozenset(_WORDS.split())
