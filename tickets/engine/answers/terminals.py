"""Answers of terminals to a login: words on a screen, so only what follows a typed password counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .dialogue import Answer, Dialogue, accepted, of, printable, refused

# RFC 854, 855: commands stand in the text; 255 twice is the letter itself.
COMMANDS = re.compile(rb"\xff(?:\xfa[^\xff]{0,256}\xff\xf0|[\xfb-\xfe].|[\xf0-\xf9])|\0", re.DOTALL)
# ECMA-48: colours and the cursor's moves.
ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]{0,16}[@-~]|\][^\x07]{0,128}\x07|[()].|[78=>])")
PASSWORD = re.compile(rb"pass(?:word|code)[^\r\n:]{0,64}: {0,2}\Z", re.IGNORECASE)
LOGIN_REFUSED = re.compile(
    rb"login (?:incorrect|invalid|failed)|log ?on fail(?:ed|ure)|authentication fail(?:ed|ure)|access denied|"
    rb"bad passwords?|(?:incorrect|invalid|wrong) (?:login|user ?name|password)|permission denied",
    re.IGNORECASE,
)
LOGIN_ACCEPTED = re.compile(rb"^Last login: [^\r\n]{1,80}", re.MULTILINE)
SHELL_PROMPT = re.compile(rb"(?:\A|[\r\n])([\w.@:~/\\()\[\] -]{0,64}[$#>%]) {0,2}\Z")
# How much of what was read before is looked at again: words and prompts may come in parts.
KEPT_BYTES = 256


@of("telnet")
def telnet_login(dialogue: Dialogue) -> Iterator[Answer]:
    """Telnet has no code for a login (RFC 854): `login` and the consoles of devices print that it was incorrect, or go
    on to a prompt. Where a password is only asked for again, nothing is said, nor where nobody is known to have asked.
    What comes after a login that was accepted is another question."""
    screen, is_asked, is_typed = b"", False, False
    for message in dialogue:
        words = ESCAPES.sub(b"", COMMANDS.sub(b"", message.data))
        if message.may_ask:
            is_typed = is_typed or (is_asked and (b"\r" in words or b"\n" in words))
            screen = b"" if is_typed else screen
            continue
        screen = screen[-KEPT_BYTES:] + words
        if is_typed and (wrong := LOGIN_REFUSED.search(screen)):
            yield refused("answer.telnet_login", message, printable(wrong[0]))
            screen, is_typed = b"", False
        elif is_typed and (shown := LOGIN_ACCEPTED.search(screen) or SHELL_PROMPT.search(screen)):
            yield accepted("answer.telnet_login", message, printable(shown[shown.lastindex or 0]))
            return
        is_asked = bool(PASSWORD.search(screen))
        is_typed = is_typed and not is_asked
