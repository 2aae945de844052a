// Cursors: opaque, and signed over what they belong to, so that an edited or borrowed one is refused.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { refused } from './problem.filter';

/** Makes and reads the cursors of one installation. */
export class Cursors {
  constructor(private readonly key: string) {}

  /**
   * @param scope what the cursor belongs to: the list, its filters and the caller
   * @param place where the next page starts
   */
  write(scope: string, place: string | number): string {
    const text = Buffer.from(String(place)).toString('base64url');
    return `${text}.${this.sign(scope, text)}`;
  }

  /** The place of a cursor; nothing for none. @throws 400 `bad-cursor` for one that this list did not give out */
  read(scope: string, cursor: string | undefined): string | undefined {
    if (cursor === undefined) return undefined;
    const [text = '', signature = '', ...more] = cursor.split('.');
    const [given, right] = [Buffer.from(signature), Buffer.from(this.sign(scope, text))];
    if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) {
      throw refused(400, 'bad-cursor', [{ field: 'after', message: 'is not a cursor of this list' }]);
    }
    return Buffer.from(text, 'base64url').toString();
  }

  /** A cursor of a walk whose pages all show what was known at one position of the log. */
  writePlace(scope: string, [position, last]: readonly [position: number, last: string]): string {
    return this.write(scope, `${position} ${last}`);
  }

  /** The position and the last one of the page before; nothing for no cursor. */
  readPlace(scope: string, cursor: string | undefined): readonly [position: number, last: string] | undefined {
    const place = this.read(scope, cursor);
    if (place === undefined) return undefined;
    const blank = place.indexOf(' ');
    return [Number(place.slice(0, blank)), place.slice(blank + 1)];
  }

  private sign(scope: string, text: string): string {
    return createHmac('sha256', this.key).update(`${scope}\n${text}`).digest('base64url').slice(0, 22);
  }
}
