using System.Text;
using NexusGen.Server.Images;

namespace NexusGen.Tests.Server;

/// <summary>Data URLs are read as browsers read them; the values are those of the Fetch standard's algorithm.</summary>
public sealed class DataUrlTests
{
    [Theory]
    [InlineData("data:image/png;base64,AQID", "010203")]
    [InlineData("DATA:IMAGE/PNG;BASE64,AQID", "010203")]
    [InlineData("data:image/png;charset=utf-8;base64,AQID", "010203")]
    [InlineData("data:;base64,AQID", "010203")]
    [InlineData("data: ;base64 ,AQID", "010203")]
    [InlineData("data:image/png;  base64,AQID", "010203")]
    [InlineData("data:image/png;base64,AQIDBA", "01020304")]
    [InlineData("data:image/png;base64,AQIDBA==", "01020304")]
    [InlineData("data:image/png;base64,AQIDBAU=", "0102030405")]
    [InlineData("data:image/png;base64,AQIDBAU", "0102030405")]
    [InlineData("data:image/png;base64,AQIDBB", "01020304")]
    [InlineData("data:image/png;base64,%2B%2f%2B%2F", "FBFFBF")]
    [InlineData("data:image/png;base64,AQIDBA%3D%3D", "01020304")]
    [InlineData("data:image/png;base64,AQ ID%20BA\n\t\r\f==", "01020304")]
    [InlineData(" \u0001da\nta:image/png;base64,AQID \n", "010203")]
    [InlineData("data:image/png;base64,AQID#AQID", "010203")]
    [InlineData("data:image/png;base64,", "")]
    [InlineData("data:image/png,%01%02a%", "01026125")]
    [InlineData("data:image/png,%0g,", "2530672C")]
    [InlineData("data:image/png;base64;x,AQID", "41514944")]
    [InlineData("data:image/pngbase64,AQID", "41514944")]
    [InlineData("data:,é", "C3A9")]
    [InlineData("data:image/png;base64,AQIDB", null)]
    [InlineData("data:image/png;base64,AQIDBA=", null)]
    [InlineData("data:image/png;base64,AQ=ID", null)]
    [InlineData("data:image/png;base64,AQIDB===", null)]
    [InlineData("data:image/png;base64,AQ-_", null)]
    [InlineData("data:image/png;base64", null)]
    [InlineData("data:image/png#,AQID", null)]
    public void TheContentIsDecoded(string url, string? content)
    {
        Assert.True(DataUrl.Is(url));
        Assert.Equal(content, DataUrl.Decode(url) is { } bytes ? Convert.ToHexString(bytes) : null);
    }

    [Theory]
    [InlineData("http://localhost/data:")]
    [InlineData("")]
    [InlineData("xdata:,")]
    public void OtherAddressesAreNone(string address) => Assert.False(DataUrl.Is(address));

    [Fact]
    public void LongOnesAreDecodedToo()
    {
        byte[] content = new byte[1_000_000];
        new Random(7).NextBytes(content);
        string text = Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks);
        Assert.Equal(content, DataUrl.Decode("data:image/png;base64," + text));
        Assert.Equal(content, DataUrl.Decode("data:image/png;base64," + Uri.EscapeDataString(text)));
        Assert.Equal(content, DataUrl.Decode("data:," + new StringBuilder().AppendJoin("", content.Select(b => $"%{b:x2}"))));
    }
}
