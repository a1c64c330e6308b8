// Another JVM's agent.
//
// layer: image: java.base alone; -XX:+DisableAttachMechanism
// allowed: runtime_error
// twin: none: needs a JDK with it

class Solution {
    public int f(int x) throws Exception {
        return Class.forName("com.sun.tools.attach.VirtualMachine") == null ? 0 : 9;
    }
}
