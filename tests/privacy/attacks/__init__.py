"""Programs that try to learn one person's class from what they can see, and how well they do.

Each sees a `View` and what its attacker knows of the victim, nothing else. The same programs run
against the rules in force and against a weakened publication, where they must succeed.
"""
