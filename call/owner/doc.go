// Package owner tells whose a file, a folder or a local TCP connection is, on
// systems where that is not a number beside it: Windows keeps a list of who may
// do what with each file, and knows of a connection only which process has it.
//
// # Usage
//
//	err := owner.Only(dir)            // nobody else reads what will be in there
//	err = owner.Check(dir)            // and nobody else does
//	err = owner.Peer(local, remote)   // the other end is this user's process
//
// On other systems Only and Check have nothing to do: modes and owners of files
// are checked there by those who make them. Peer is not offered there; package
// webapi asks Linux itself.
//
// What an administrator or the system itself may do is never a fault: both can
// take what they want anyway, and backups and virus scanners run as them.
//
// # Concurrency
//
// All functions may be called from any goroutine, and none keeps a goroutine.
// They ask the system and nobody else, so none waits for a network.
//
// # Testing
//
// How tables of connections and lists of rights are read is plain arithmetic on
// bytes and has its tests here; what Windows says is tested with the installed
// program by packaging/windows/test.
//
// # Models
//
// OpenSSH for Windows (who may be in the list of a private key's rights) and
// Syncthing's and Docker's use of protected lists. Better here: a process is held
// while its user is looked up, and the table is read again after that, so that a
// number which the system gives to a new process meanwhile proves nothing.
package owner
