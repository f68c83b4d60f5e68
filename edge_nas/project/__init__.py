"""What a newcomer begins with: a configuration of the ten settings that matter first, and data laid out for it.

    begun = begin("lanes", Path("pictures"), task=None, board=None)
    print(begun.config, begun.next_command)

Nothing is changed in somebody's folder; pictures are linked, not copied, where the file system can.
"""

from edge_nas.project.begin import begin

__all__ = ["begin"]
