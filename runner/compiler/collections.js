/**
 * The Map and Set that TypeScript's parser and transformers expect from their host. Only this heap sees them. Insertion
 * order is kept; a deleted entry leaves a hole that iteration skips.
 */
var nextObjectId = 1;

function indexKey(key) {
  var type = typeof key;
  if (type === 'string') return 's' + key;
  if ((type === 'object' && key !== null) || type === 'function') {
    if (key.amidId === undefined) {
      Object.defineProperty(key, 'amidId', { value: nextObjectId++ });
    }
    return 'o' + key.amidId;
  }
  return type.charAt(0) + String(key);
}

function EntryIterator(map, pick) {
  this.map = map;
  this.at = 0;
  this.pick = pick;
}
EntryIterator.prototype.next = function () {
  var entries = this.map.entryList;
  while (this.at < entries.length) {
    var entry = entries[this.at++];
    if (entry !== undefined) return { value: this.pick(entry), done: false };
  }
  return { value: undefined, done: true };
};

function pickKey(entry) {
  return entry.key;
}
function pickValue(entry) {
  return entry.value;
}
function pickBoth(entry) {
  return [entry.key, entry.value];
}

function Collection() {
  this.places = Object.create(null);
  this.entryList = [];
  this.size = 0;
}
Collection.prototype.has = function (key) {
  return this.places[indexKey(key)] !== undefined;
};
Collection.prototype.delete = function (key) {
  var index = indexKey(key);
  var place = this.places[index];
  if (place === undefined) return false;
  this.entryList[place] = undefined;
  delete this.places[index];
  this.size--;
  return true;
};
Collection.prototype.clear = function () {
  this.places = Object.create(null);
  this.entryList = [];
  this.size = 0;
};
Collection.prototype.forEach = function (callback) {
  for (var i = 0; i < this.entryList.length; i++) {
    var entry = this.entryList[i];
    if (entry !== undefined) callback(entry.value, entry.key, this);
  }
};
Collection.prototype.keys = function () {
  return new EntryIterator(this, pickKey);
};
Collection.prototype.values = function () {
  return new EntryIterator(this, pickValue);
};
Collection.prototype.entries = function () {
  return new EntryIterator(this, pickBoth);
};
Collection.prototype.put = function (key, value) {
  var index = indexKey(key);
  var place = this.places[index];
  if (place !== undefined) {
    this.entryList[place].value = value;
  } else {
    this.places[index] = this.entryList.length;
    this.entryList.push({ key: key, value: value });
    this.size++;
  }
  return this;
};

/** Calls take for each item of an array or of something with an iterator method named `values` or `entries`. */
function eachOf(source, take) {
  if (source === undefined || source === null) return;
  if (Array.isArray(source)) {
    source.forEach(take);
    return;
  }
  var iterator = source.next ? source : source.entries();
  for (var step = iterator.next(); !step.done; step = iterator.next()) take(step.value);
}

function Map(pairs) {
  Collection.call(this);
  var self = this;
  eachOf(pairs, function (pair) {
    self.put(pair[0], pair[1]);
  });
}
Map.prototype = Object.create(Collection.prototype);
Map.prototype.get = function (key) {
  var place = this.places[indexKey(key)];
  return place === undefined ? undefined : this.entryList[place].value;
};
Map.prototype.set = Collection.prototype.put;

function Set(items) {
  Collection.call(this);
  var self = this;
  eachOf(items instanceof Set ? items.values() : items, function (item) {
    self.put(item, item);
  });
}
Set.prototype = Object.create(Collection.prototype);
Set.prototype.add = function (item) {
  return this.put(item, item);
};
Set.prototype.entries = function () {
  return new EntryIterator(this, pickBoth);
};

var host = new Function('return this')();
if (host.Map === undefined) host.Map = Map;
if (host.Set === undefined) host.Set = Set;
