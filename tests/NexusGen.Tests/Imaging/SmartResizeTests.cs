using System.Text.Json;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class SmartResizeTests
{
    public static TheoryData<string> Cases => ReferenceCase.All("smart-resize");

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheTable(string name)
    {
        JsonElement rows = new ReferenceCase("smart-resize", name).Expected.GetProperty("rows");
        Assert.NotEqual(0, rows.GetArrayLength());
        foreach (JsonElement row in rows.EnumerateArray())
        {
            int height = row[0].GetInt32(), width = row[1].GetInt32();
            long maxPixels = row[2].GetInt64();
            if (row[3].ValueKind == JsonValueKind.Null)
            {
                Assert.Throws<ImagingException>(() => SmartResize.Fit(width, height, maxPixels));
            }
            else
            {
                Assert.Equal((row[4].GetInt32(), row[3].GetInt32()), SmartResize.Fit(width, height, maxPixels));
            }
        }
    }

    [Theory]
    [InlineData(40, 3000, 50_176)] // the narrow side would shrink below 28
    [InlineData(28, 28, 100)]
    public void RefusesASideOfZero(int width, int height, long maxPixels)
    {
        var error = Assert.Throws<ImagingException>(() => SmartResize.Fit(width, height, maxPixels));
        Assert.Contains("would be 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllowsExactlyTwoHundredToOne()
    {
        Assert.Equal((5600, 28), SmartResize.Fit(5600, 28));
        Assert.Throws<ImagingException>(() => SmartResize.Fit(5601, 28));
    }

    [Fact]
    public void RoundsHalfToEven() => Assert.Equal((56, 112), SmartResize.Fit(70, 98));
}
