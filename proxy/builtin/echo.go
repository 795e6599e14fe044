package builtin

import (
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"time"

	"github.com/gobwas/ws"
	"github.com/valyala/fasthttp"
)

// maxMessage bounds a WebSocket message, in bytes: longer ones need an extended length (RFC 6455, section 5.2).
const maxMessage = 125

// websocketGUID is part of Sec-WebSocket-Accept (RFC 6455, section 1.3).
const websocketGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// echo upgrades the connection to a WebSocket that sends each message back.
func echo(ctx *fasthttp.RequestCtx) {
	key := ctx.Request.Header.Peek("Sec-WebSocket-Key")
	if nonce, err := base64.StdEncoding.DecodeString(string(key)); err != nil || len(nonce) != 16 || !ctx.Request.Header.ConnectionUpgrade() {
		ctx.Error("want a WebSocket\n", fasthttp.StatusUpgradeRequired)
		return
	}
	sum := sha1.Sum(append(key, websocketGUID...))
	ctx.SetStatusCode(fasthttp.StatusSwitchingProtocols)
	ctx.Response.Header.Set("Upgrade", "websocket")
	ctx.Response.Header.Set("Connection", "Upgrade")
	ctx.Response.Header.Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
	ctx.Hijack(func(c net.Conn) {
		_ = c.SetDeadline(time.Time{})
		_ = answerAll(c) // the connection closes then, which tells the user
	})
}

// answerAll sends each message back until the stream ends. It answers an invalid message with a close frame.
func answerAll(c io.ReadWriter) error {
	for {
		h, err := ws.ReadHeader(c)
		if err != nil {
			return err
		}
		if !h.Fin || !h.Masked || h.Length > maxMessage || h.OpCode == ws.OpContinuation {
			return ws.WriteFrame(c, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusPolicyViolation, "")))
		}
		message := make([]byte, h.Length)
		if _, err := io.ReadFull(c, message); err != nil {
			return err
		}
		ws.Cipher(message, h.Mask, 0)
		op := h.OpCode
		switch op {
		case ws.OpPong:
			continue
		case ws.OpPing:
			op = ws.OpPong
		}
		answer, err := ws.CompileFrame(ws.NewFrame(op, true, message)) // one write, one TLS record
		if err != nil {
			return err
		}
		if _, err := c.Write(answer); err != nil || op == ws.OpClose {
			return err
		}
	}
}
