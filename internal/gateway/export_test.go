package gateway

// SetLate says whether the processors are behind.
func (h *Handler) SetLate(late bool) { h.late = func() bool { return late } }
