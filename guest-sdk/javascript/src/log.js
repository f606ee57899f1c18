import { write } from 'vuelo:load/log@0.1.0';

const line = (level) => (...values) => write(level, values.map(text).join(' '));

export const debug = line('debug');
export const info = line('info');
export const warn = line('warn');
export const error = line('error');

function text(value) {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value?.stack === 'string') {
    return `${value}\n${value.stack}`;
  }
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
