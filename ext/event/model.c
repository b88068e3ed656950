/* Model names; see model.h. */
#include "ext/event/model.h"

#include "ext/event/event.h"

struct slice model_display(struct slice requested, struct slice resolved)
{
    if (requested.len > 0)
        return requested;
    return resolved.len > 0 ? resolved : SLICE("-");
}

/* What a client may write in parentheses behind a model name to ask for thinking. */
static bool is_thinking_suffix(struct slice inside)
{
    static const char *const words[] = {"none",   "auto", "-1",    "minimal", "low",
                                        "medium", "high", "xhigh", "max"};
    int64_t budget;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(inside, slice_of_cstr(words[i])))
            return true;
    return slice_to_int64(inside, &budget, NULL) && budget >= 0;
}

struct slice event_analytics_model(struct slice model)
{
    if (model.len == 0 || model.data[model.len - 1] != ')')
        return model;
    size_t open = model.len - 1;
    while (open > 0 && model.data[open] != '(')
        open--;
    if (open == 0) /* no parenthesis, or nothing before it */
        return model;
    struct slice inside = {model.data + open + 1, model.len - open - 2};
    return is_thinking_suffix(inside) ? slice_first(model, open) : model;
}
