"""The appointment reminder, in layers; an arrow may only point down this list.

bootstrap   builds the adapters, late and once; the clock is born here
usecases    one verb a file: what the system does, in terms of ports
adapters    one vendor each: they translate and decide nothing
ports       what the use cases ask of the world
config      parameters -> one typed Config
pages       the customers' HTML
domain      the decisions: pure, no clock, no I/O
names, errors
"""
