// Makes one part of the page equal to another, touching what differs only: what is read, marked or focused stays as it is.

/** Makes the children of an element equal to those of another, which loses some to it. Children with an id are known by it. */
export function patchChildren(old: Element, next: ParentNode): void {
  const nodes = [...next.childNodes]
  for (const [index, wanted] of nodes.entries()) {
    const known =
      wanted instanceof Element && wanted.id !== '' ? old.querySelector(`:scope > #${CSS.escape(wanted.id)}`) : null
    const place = old.childNodes[index] ?? null
    const present = known ?? place
    if (known && known !== place) old.insertBefore(known, place)
    if (!present) old.append(wanted)
    else if (!present.isEqualNode(wanted)) patchNode(present, wanted)
  }
  while (old.childNodes.length > nodes.length) old.lastChild?.remove()
}

function patchNode(old: ChildNode, next: ChildNode): void {
  if (old instanceof Text && next instanceof Text) {
    old.data = next.data
  } else if (old instanceof Element && next instanceof Element && isSameElement(old, next)) {
    patchElement(old, next)
  } else {
    old.replaceWith(next)
  }
}

/** Makes an element equal to another of its kind, attributes included. */
export function patchElement(old: Element, next: Element): void {
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name)
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  patchChildren(old, next)
}

function isSameElement(old: Element, next: Element): boolean {
  return old.tagName === next.tagName && old.id === next.id
}
