/* The kinds of event on a protocol's object since its owner was last informed. */
#ifndef BASE_NEWS_H
#define BASE_NEWS_H

enum news {
    NEWS_TEXT = 1 << 0, /* there is something to read */
    NEWS_ROOM = 1 << 1, /* written data has left: there is room */
    NEWS_STATE = 1 << 2 /* an error, an end, a beginning: calls of every kind may have a new
                         * outcome */
};

#endif
