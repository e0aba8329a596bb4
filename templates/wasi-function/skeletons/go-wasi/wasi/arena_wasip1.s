// Go wants an assembly file beside a function without a body, such as sbrk.
