#include "text.h"

#include "draw.h"

#include <string.h>

void text_fill(uint8_t *text)
{
    uint64_t state = 0;
    for (size_t i = 0; i < TEXT_PERIOD; i++)
        text[i] = (uint8_t)draw(&state);
    for (size_t i = TEXT_PERIOD; i < TEXT_PERIOD + TEXT_RUN; i++)
        text[i] = text[i - TEXT_PERIOD];
}

const uint8_t *text_at(const uint8_t *text, uint32_t stream, uint64_t at)
{
    return text + (at + stream * (uint64_t)2654435761u) % TEXT_PERIOD;
}

size_t text_wrong(const uint8_t *text, uint32_t stream, uint64_t at, const uint8_t *got, size_t n)
{
    const uint8_t *good = text_at(text, stream, at);
    size_t wrong = 0;
    if (memcmp(good, got, n) == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        wrong += good[i] != got[i];
    return wrong;
}
