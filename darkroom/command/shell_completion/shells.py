"""What click's completion scripts of bash, zsh and fish get wrong for steps such as `resize:width=320,fit=cover`."""

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)


def add_shells() -> None:
    """Use the classes of this module in place of click's."""
    for each in (_Bash, _Zsh, _Fish):
        add_completion_class(each)


class _Bash(BashComplete):
    """Bash splits words at colons and equals signs: words are found here, and only the last part is returned."""

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    for line in $(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete $1); do
        IFS=',' read -r kind value <<< "$line"
        if [[ $kind == 'dir' ]]; then COMPREPLY=(); compopt -o dirnames
        elif [[ $kind == 'file' ]]; then COMPREPLY=(); compopt -o default
        else COMPREPLY+=("$value"); [[ $value == *[:=] ]] && compopt -o nospace; fi
    done
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        words = split_arg_string(os.environ["COMP_LINE"])
        has_ended = os.environ["COMP_LINE"].endswith(" ")
        return (words[1:], "") if has_ended else (words[1:-1], words[-1])

    def format_completion(self, item: CompletionItem) -> str:
        _, incomplete = self.get_completion_args()
        shown = max((incomplete.rfind(each) for each in ":="), default=-1) + 1
        return f"{item.type},{item.value[shown:]}"

    @staticmethod
    def _check_version() -> None:
        """Versions before 4.4 lack `compopt -o nosort`; asking for the version would start another bash each time."""


class _Zsh(ZshComplete):
    """Click's script adds a space after `sigma=`, as if the word had ended."""

    source_template = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local kind key help
    local -a response plain ended unended
    (( $+commands[%(prog_name)s] )) || return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    for kind key help in "${(@)response}"; do
        if [[ $kind == dir ]]; then _path_files -/
        elif [[ $kind == file ]]; then _path_files -f
        elif [[ $key == *[:=] ]]; then unended+=("${key//:/\\\\:}:$help")
        elif [[ -z $help ]]; then plain+=("$key")
        else ended+=("${key//:/\\\\:}:$help"); fi
    done
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#ended )) && _describe -V unsorted ended -U
    (( $#unended )) && _describe -V unsorted unended -U -S ''
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then %(complete_func)s "$@"
else compdef %(complete_func)s %(prog_name)s; fi
"""

    def format_completion(self, item: CompletionItem) -> str:
        """Return three lines. The script escapes colons, which separate the help."""
        return f"{item.type}\n{item.value}\n{item.help or ''}"


class _Fish(FishComplete):
    """Click's script ends a value at its first comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')
