"""What can be known before a build: names, tools, the machine, the data, and what stages would refuse of the network.

`edge-nas check` asks everything; a build asks the same before its first stage, of the stages that it has to run.
"""
