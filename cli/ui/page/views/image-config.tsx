import { t } from '../words/words.js'
import { Facts } from './facts.js'
import { factsOf } from './image-facts.js'

/** What a container is started with. */
export function ConfigTab({ config }: { config: unknown }) {
  if (config === undefined) return <p class="empty">{t('noConfig')}</p>
  const { settings } = factsOf({}, config)
  const { entrypoint, command, user, workdir, environment, ports, volumes, labels, stopSignal } = settings
  return (
    <Facts
      facts={[
        [t('entrypoint'), <Lines key="entrypoint" lines={words(entrypoint)} />],
        [t('command'), <Lines key="command" lines={words(command)} />],
        [t('user'), user || 'root'],
        [t('workdir'), workdir || '/'],
        [t('environment'), <Lines key="environment" lines={environment} />],
        [t('ports'), <Lines key="ports" lines={ports} />],
        [t('volumes'), <Lines key="volumes" lines={volumes} />],
        [t('labels'), <Lines key="labels" lines={labels} />],
        [t('stopSignal'), stopSignal],
      ]}
    />
  )
}

/** In JSON's notation, so that it can be seen where each word ends. */
function words(list: string[]): string[] {
  return list.length === 0 ? [] : [JSON.stringify(list)]
}

function Lines({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <span class="faint">{t('none')}</span>
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  )
}
