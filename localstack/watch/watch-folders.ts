import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join, relative, sep } from 'node:path'

/**
 * Tells of every file that changes in some folders of `root`, by its path from there, until it is ended. A watch a folder:
 * Node's own recursive one loses sight of a file that an editor replaces.
 */
export function watchFolders(root: string, folders: readonly string[], changed: (file: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>()
  const pathOf = (file: string) => relative(root, file).split(sep).join('/')

  function add(folder: string, report: boolean) {
    if (watchers.has(folder)) return
    const watcher = watch(folder, (_, name) => {
      if (name !== null) look(join(folder, name))
    })
    watchers.set(folder, watcher)
    // A folder that is removed.
    watcher.on('error', () => remove(folder))
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const inside = join(folder, entry.name)
      if (entry.isDirectory()) add(inside, report)
      else if (report) changed(pathOf(inside))
    }
  }

  function look(file: string) {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isDirectory()) return add(file, true)
    if (found === undefined && watchers.has(file)) return remove(file)
    changed(pathOf(file))
  }

  function remove(folder: string) {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  for (const folder of folders) add(join(root, folder), false)
  return () => {
    for (const folder of watchers.keys()) remove(folder)
  }
}
