/** The words of the components that the window and the page of a media share. */
export const EN = {
  name: 'Name',
  version: 'Version',
  platform: 'Platform',
  size: 'Size',
  created: 'Created',
  layers: 'Layers and history',
  step: 'Step',
  layer: 'Layer',
  noLayer: 'no layer',
  share: 'Share',
  noHistory: 'The image does not say how it was built.',
  kind: 'Kind',
  licence: 'Licence',
  entrypoint: 'Entry point',
  command: 'Command',
  user: 'User',
  workdir: 'Working folder',
  environment: 'Environment',
  labels: 'Labels',
  ports: 'Ports',
  volumes: 'Volumes',
  stopSignal: 'Stop signal',
  none: 'none',
  bytes: '{n} bytes',
}

export type Words = Record<keyof typeof EN, string>
