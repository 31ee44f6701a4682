using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class UnicodeNormalizerTests
{
    [Theory]
    [InlineData("plain ASCII and ÄÖ", "plain ASCII and ÄÖ")]
    [InlineData("e\u0301", "é")]
    [InlineData("q\u0323\u0307 q\u0307\u0323", "q\u0323\u0307 q\u0323\u0307")]
    [InlineData("a\u0323\u0302", "ậ")]
    [InlineData("a\u0302\u0323", "ậ")]
    [InlineData("\u212B\u2126\u0344", "ÅΩ\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("가\u11A8", "각")]
    [InlineData("각\u11A8", "각\u11A8")]
    [InlineData("\u0FB2\u0F71\u0F80", "\u0FB2\u0F71\u0F80")]
    [InlineData("e\u0300\u0301\u0345", "è\u0301\u0345")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("ﬁ ①", "ﬁ ①")]
    [InlineData("\u0301a", "\u0301a")]
    public void ComposesCanonically(string text, string composed) => Assert.Equal(composed, UnicodeNormalizer.Compose(text));

    [Fact]
    public void ComposedTextIsNotCopied()
    {
        string text = "模糊 é " + new string('x', 3);
        Assert.Same(text, UnicodeNormalizer.Compose(text));
    }
}
