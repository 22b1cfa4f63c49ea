"""The process that runs model code. Imports the standard library and `repl.wire`, nothing else.

Where code runs in Monty, `monty` imports that as well, and it alone.

It starts as a zygote that holds the document once; every REPL is a worker forked from it, and so is
every checkpoint of one.
"""
