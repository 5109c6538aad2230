"""`rlmboard completion`."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes commands, options, run ids and filter keys.

    \b
    eval "$(rlmboard completion bash)"          # in ~/.bashrc
    eval "$(rlmboard completion zsh)"           # in ~/.zshrc
    rlmboard completion fish | source           # in config.fish
    """
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(
        kind(root, {}, "rlmboard", "_RLMBOARD_COMPLETE").source_template
        % {
            "complete_func": "_rlmboard_completion",
            "complete_var": "_RLMBOARD_COMPLETE",
            "prog_name": "rlmboard",
        }
    )
