namespace a::b { namespace { int hidden; }
template <typename T, int N = 3> class Foo : public Bar<T> {
public:
  Foo() = default;
  explicit Foo(int a) : x(a) {}
  ~Foo() { }
  virtual void v() const override = 0;
  static int s;
  static constexpr int K = 3;
  int m() const { return x ? 1 : 2; }
  operator bool() const { return true; }
  bool operator==(const Foo &o) const { return true; }
  template <class U> void tm(U u) { auto l = [&](int q) { if (q) return 1; return 0; }; }
  enum class E : int { A, B };
  using X = int;
  typedef int Y;
  friend void fr() {}
  struct In;
private:
  int x{0}, *y;
  void hid() {}
};
template <> class Foo<int> { };
template <typename T> void Foo<T>::out(int a) { try { } catch (...) { } for (auto &x : y) {} }
a::Foo::Foo(int q) {}
std::string Foo::name() { return ""; }
int &ref() { }
auto tr() -> int { return 1; }
bool operator<(const Foo &a, const Foo &b) { return a and b; }
int Foo::s = 1;
using namespace std;
using std::vector;
namespace al = a::b;
concept C = true;
extern "C" { int cfun(void) { return 1; } struct D d; }
inline constexpr double pi = 3.1;
const std::vector<int> vec{1,2};
static std::string global("x");
Foo *p = new Foo();
class Fwd;
struct Under final : A { int a; };
}
int Foo::counter = 1;
struct Gone {
    Gone(const Gone &) = delete;
};
