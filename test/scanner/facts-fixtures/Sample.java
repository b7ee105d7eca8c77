package com.a.b;
import java.util.*;
import static java.lang.Math.abs;
import java.io.File;
@Ann public class A<T> extends B implements C {
  private int x = 1, y[];
  public static final int K = 3;
  public A(int a, String... b) { this.x = a; }
  static { int q; }
  @Override public <U> int m(final int a) throws E {
    if (a > 1 && b) { } else if (c) { } else { }
    for (int i : x) { } for (;;) {} while (a) { do { } while (b); }
    switch (a) { case 1: break; case 2, 3: default: }
    int z = switch (a) { case 1 -> 2; default -> 3; };
    try (R r = 1) { } catch (E | F e) { } finally { }
    L: for (;;) { break L; }
    Runnable r = () -> { if (a) { } };
    new Thread() { public void run() { } };
    return a ? 1 : 2;
  }
  enum E { P, Q(1) { void z() {} }; int f; void g() {} }
  interface I { int C = 1; void m(); default void d() {} }
  @interface An { int v() default 1; }
  record R(int a, int b) { R { } static int q; }
  abstract void ab();
  class Inner { }
}
