/* The kinds of event on a protocol's object since its owner was last informed. */
#ifndef BASE_IO_EVENT_H
#define BASE_IO_EVENT_H

enum io_event {
    EVENT_READABLE = 1 << 0, /* there is something to read */
    EVENT_WRITABLE = 1 << 1, /* written data has left: there is room */
    EVENT_STATE = 1 << 2     /* an error, an end, a beginning: calls of every kind may have a new
                              * outcome */
};

#endif
