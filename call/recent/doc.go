// Package recent keeps the last calls, as long as the organisation lets it: not
// at all, in memory only, or some days in a file of the user's own.
//
// # Usage
//
//	store := recent.Open(recent.Options{Mode: recent.Days(30), Path: path})
//	go store.Follow(ctx, engine.Watch(ctx)) // whoever placed the calls
//	for state := range store.Watch(ctx) { ... } // the present one first
//	err := store.Delete(id)
//	err = store.Restore(entry) // and back
//	err = store.Clear() // the file is gone
//
// # What is on the disk
//
// With days, one JSON file with mode 0600, replaced whole by a synced temporary
// file and a rename. With any other mode none: Open removes what an earlier
// mode has left, and [Store.SetMode] does while the phone runs. A file that
// cannot be read is set aside as PATH.damaged, told, and goes with [Store.Clear]
// and with the mode, because it holds numbers too. What is older than the days
// goes at the moment it becomes so. A call that is dated in the future, because
// the clock has been set back since, is dated anew: it stays for the days that
// are counted from when that is noticed, and no longer.
//
// Not overwritten: what a file system does with the blocks of a deleted file is
// beyond a program on a solid-state disk. Disk encryption is the answer there.
//
// Two programs with the same file (a second screen, another session of the same
// user) lose nothing of each other: a change begins with what the other has left
// on the disk, under a lock of its own file, which holds nothing. What the other
// changes is seen with one's own next change.
//
// # Concurrency
//
// A Store may be used from any goroutine and owns none; Follow runs in its
// caller's. Nobody who reads waits for the disk.
//
// # What was looked at
//
// Telephone (64characters) follows call events into a history that truncates
// itself; Linphone keeps a database, which at a call centre grew until the
// program started slowly (linphone-desktop issue 625, where switching it off or
// emptying it was asked for in vain); Android's call log deletes entries one by
// one. Taken: a subscriber of its own, a bound, delete one and delete all.
// Different here: whether anything is kept is a setting that an organisation can
// fix, a change of it acts on the disk at once, and the tests search the disk
// for the number.
package recent
