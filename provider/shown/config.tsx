/** @jsxRuntime classic */
/** @jsx element */
import { element } from './element.js'
import { Facts, Lines } from './facts.js'
import { factsOf } from './image-facts.js'
import { word } from './words/words.js'

/** What a container is started with. */
export function ConfigFacts({ config }: { config: unknown }) {
  const { settings } = factsOf({}, config)
  const { entrypoint, command, user, workdir, environment, ports, volumes, labels, stopSignal } = settings
  return (
    <Facts
      facts={[
        [word('entrypoint'), <Lines key="entrypoint" lines={inJson(entrypoint)} />],
        [word('command'), <Lines key="command" lines={inJson(command)} />],
        [word('user'), user || 'root'],
        [word('workdir'), workdir || '/'],
        [word('environment'), <Lines key="environment" lines={environment} />],
        [word('ports'), <Lines key="ports" lines={ports} />],
        [word('volumes'), <Lines key="volumes" lines={volumes} />],
        [word('labels'), <Lines key="labels" lines={labels} />],
        [word('stopSignal'), stopSignal],
      ]}
    />
  )
}

/** In JSON's notation, so that it can be seen where each word ends. */
function inJson(list: string[]): string[] {
  return list.length === 0 ? [] : [JSON.stringify(list)]
}
