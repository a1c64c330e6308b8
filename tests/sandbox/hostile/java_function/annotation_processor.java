// Code that the compiler runs.
//
// layer: -proc:none
// allowed: compile_error, no_entry, failed
// twin: none: nothing is denied

import javax.annotation.processing.AbstractProcessor;

@interface Mine {}

@Mine
class Solution extends AbstractProcessor {
    public boolean process(java.util.Set<? extends javax.lang.model.element.TypeElement> all, javax.annotation.processing.RoundEnvironment round) {
        System.exit(0);
        return true;
    }
}
