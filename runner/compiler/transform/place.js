/** What the pass over classes knows about the code it is in. */
import ts from 'typescript';

export var current = {
  context: undefined,
  usesHasInstance: false,
  visit: undefined,
  /**
   * Where `super` and `this` point: {home, isPrototype, superName, base, thisName, self, isConstructor, isGeneral,
   * objectHome, isStaticInitializer}, or undefined outside of classes.
   */
  place: undefined,
};

export function inPlace(inner, body) {
  var saved = current.place;
  current.place = inner;
  try {
    return body();
  } finally {
    current.place = saved;
  }
}

export function visit(node) {
  return current.visit(node);
}

export function visitChildren(node) {
  return ts.visitEachChild(node, current.visit, current.context);
}
