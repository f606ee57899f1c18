// The contract as it is, without types. A `tsconfig.json` that includes this file can import it:
// `import { Request } from 'vuelo:load/http@0.1.0'`.

declare module 'vuelo:load/*';
