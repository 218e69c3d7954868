package session

import "context"

// Awake keeps the computer from blanking, locking and sleeping by itself while
// it is held.
type Awake struct {
	env  Env
	app  string
	why  func() string
	on   *wish[bool]
	held chan []string // tests read what was taken; nil otherwise
	// system is the address of the system bus; tests put one of their own.
	system string
}

// NewAwake makes an Awake that holds nothing. app is the program's name as its
// desktop file has it; why says for people, in a few words, what for.
func NewAwake(env Env, app string, why func() string) *Awake {
	system := env.get("DBUS_SYSTEM_BUS_ADDRESS")
	if system == "" {
		system = "unix:path=/run/dbus/system_bus_socket"
	}
	return &Awake{env: env, app: app, why: why, on: newWish[bool](), system: system}
}

// Hold says whether the computer is to stay awake. It returns at once.
func (a *Awake) Hold(on bool) { a.on.put(on) }

// Run keeps the computer awake as Hold says, until ctx ends; then it lets go.
func (a *Awake) Run(ctx context.Context) {
	for {
		select {
		case <-a.on.wake:
		case <-ctx.Done():
			return
		}
		for a.on.get() && ctx.Err() == nil {
			a.hold(ctx)
		}
	}
}
