package engine

// Lock order. A goroutine that holds a lock of this list may take only those below it:
//
//  1. Engine.mu     the names of queues
//  2. Queue.mu      one queue; never two queues at once
//  3. inbox.mu      letters to any queue; whoever holds one takes further ones by TryLock only
//  4. scheduler.mu  deadlines
//  5. the store's own, inside Append
//
// While one is held nothing waits for the disk, a channel or a client, and nothing is logged.
