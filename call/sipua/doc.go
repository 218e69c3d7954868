// Package sipua speaks SIP over WebSocket for the engine.
package sipua
