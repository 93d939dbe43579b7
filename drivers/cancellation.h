/* Steps that pthread_cancel(3) may not end halfway: what is pending acts in a later call. */
#ifndef DRIVERS_CANCELLATION_H
#define DRIVERS_CANCELLATION_H

#include <pthread.h>

/* Returns the state that the second restores; pairs may be nested. */
static inline int cancellation_disable(void)
{
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

static inline void cancellation_restore(int state)
{
    pthread_setcancelstate(state, NULL);
}

#endif
