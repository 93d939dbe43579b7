/* Fuzz target: an ARP body that parses is written and parsed again to the same. */
#include "wire/arp.h"

#include "../unit/wire_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arp first, second;
    uint8_t written[ARP_SIZE];
    bool foreign;
    if (!arp_parse(&first, span_of(data, size), &foreign)) {
        assert(foreign == (size >= ARP_SIZE));
        return 0;
    }
    assert(arp_write(written, &first) == ARP_SIZE);
    assert(memcmp(written, data, ARP_SIZE) == 0);
    assert(arp_parse(&second, span_of(written, sizeof written), &foreign));
    assert(wire_arp_equal(&first, &second));
    return 0;
}
