import { POWERSHELL_NAMES } from '../words/powershell-names.js'

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell'

const PROGRAMS = ['containerimage', 'cimg', ...Object.keys(POWERSHELL_NAMES)]

/**
 * The script that completes command lines in a shell. It asks the program itself, so that it offers what this
 * machine has, such as the names of sources.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]
}

/** Bash takes words apart at colons and equals signs; what is before the last one must not be given back. */
const BASH = `# Completion of containerimage for bash (3.2 or newer).
_containerimage() {
  local line="\${COMP_LINE:0:$COMP_POINT}" value rest files=:none
  local current="\${line##*[[:space:]]}" before=''
  case $COMP_WORDBREAKS in *[:=]*) before="\${current%"\${current##*[:=]}"}" ;; esac
  COMPREPLY=()
  while IFS=$'\\t' read -r value rest; do
    case $value in
      :none | :files | :folders) files=$value ;;
      *) COMPREPLY+=("\${value#"$before"}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete line "$line" 2>/dev/null)
  [ "$files" = :none ] && return
  compopt -o filenames 2>/dev/null
  local kind=-f
  [ "$files" = :folders ] && kind=-d
  while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen $kind -- "\${current#"$before"}")
}
complete -F _containerimage ${PROGRAMS.join(' ')}`

const ZSH = `#compdef ${PROGRAMS.join(' ')}
# Completion of containerimage for zsh.
_containerimage() {
  local -a found
  local line files=:none
  while IFS= read -r line; do
    case $line in
      :none | :files | :folders) files=$line ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <("\${(Q)words[1]}" __complete words "\${(@Q)words[1,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe containerimage found
  case $files in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
}
compdef _containerimage ${PROGRAMS.join(' ')}`

const FISH = `# Completion of containerimage for fish.
function __containerimage_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] __complete words $words "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':folders'
                __fish_complete_directories "$current"
            case ':none'
            case '*'
                echo $line
        end
    end
end
${PROGRAMS.map((name) => `complete -c ${name} -f -a '(__containerimage_complete)'`).join('\n')}`

/** Windows PowerShell drops empty words, so the empty word at the cursor is passed in another way. */
const POWERSHELL = `# Completion of containerimage for PowerShell.
Register-ArgumentCompleter -Native -CommandName @(${PROGRAMS.map((name) => `'${name}'`).join(', ')}) -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text.Trim('"', "'") })
    $form = if ($wordToComplete -eq '') { 'after' } else { 'words' }
    & $words[0] __complete $form @words 2>$null | ForEach-Object {
        if ($_ -notmatch '^:(none|files|folders)$') {
            $value, $describe = $_ -split "\`t", 2
            if (-not $describe) { $describe = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $describe)
        }
    }
}`

const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL }
