// TypeScript: types.
type Id = string | number; interface User { id: Id; name?: string; readonly tags: string[] } const u: User = { id: 1, tags: ['a'] }; function show<T extends User>(x: T, y?: number): string { return `${x.id}${x.name ?? 'none'}${y ?? 0}`; } console.log(show(u), show<User>(u, 2), (u as any).id, u!.tags.length, <string>(u.name as unknown) ?? 'cast');
