// What tests of all clients share.
import assert from 'node:assert/strict';

export const url = process.env.NEXUSGEN_URL, key = process.env.NEXUSGEN_KEY, model = 'nexus-gen-tiny';
export const draw = 'Draw a picture: a red star', recolour = 'make the star blue', ask = 'what is in this picture?';
export const redStar = '112x112 png: red star on white', blueStar = '112x112 png: blue star on white';

/** What a picture is and shows, as the judge of the small model sees it: for instance '112x112 png: red star on white'. */
export async function look(picture) {
  const body = typeof picture === 'string' ? Buffer.from(picture, 'base64') : picture;
  assert.ok(body?.length > 0, 'There is no picture.');
  return (await fetch(url + '/look', { method: 'POST', body })).text();
}

/** The file of the one picture in the text of a reply. */
export function pictureIn(markdown) {
  const found = [...markdown.matchAll(/!\[[^\]]*\]\(data:image\/png;base64,([^)]+)\)/g)];
  assert.equal(found.length, 1, markdown.slice(0, 200));
  return Buffer.from(found[0][1], 'base64');
}

/** Checks that an answer to the question what is in a picture speaks of a star of a colour. */
export const speaksOf = (colour, answer) => assert.match(answer, new RegExp(`^a (big|small) ${colour} star`), answer);

/** Items of an asynchronous sequence until it ends. */
export async function all(sequence) {
  const items = [];
  for await (const item of sequence) items.push(item);
  return items;
}

/** A prompt that is longer than the model can read. */
export const tooLong = 'a red star '.repeat(4000);
