import type { NewImageOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** What is written into an image that is made here. */
export const NEW_IMAGE: Record<string, OptionDefinition> = {
  change: {
    type: 'list',
    keepsCommas: true,
    placeholder: 'LINE',
    describe: 'A line of a Dockerfile, such as \'CMD ["nginx"]\'',
    more: 'CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR; may be given more than once',
  },
  message: { type: 'value', placeholder: 'TEXT', describe: 'A comment for the history of the image' },
  author: { type: 'value', placeholder: 'NAME', describe: 'Who made it' },
  latest: { type: 'switch', describe: 'Tag it latest as well' },
}

export function newImageOf(args: Arguments): NewImageOptions {
  return {
    name: args.required('name'),
    changes: args.list('change'),
    message: args.text('message'),
    author: args.text('author'),
    latest: args.flag('latest'),
  }
}
