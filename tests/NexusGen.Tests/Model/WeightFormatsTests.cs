using NexusGen.Model;
using NexusGen.Weights.Modules;

namespace NexusGen.Tests.Model;

/// <summary>The words for storage formats.</summary>
public class WeightFormatsTests
{
    [Theory]
    [InlineData("dense", "dense", "dense", "dense")]
    [InlineData("INT8", "int8", "int8", "int8")]
    [InlineData("int4", "int4", "int4", "int4")]
    [InlineData("stored", "stored", "stored", "stored")]
    [InlineData("fp8", "fp8", "dense", "dense")]
    [InlineData("decoder=int4", "int4", "dense", "dense")]
    [InlineData("decoder=int4,language-model=int8", "int4", "int8", "dense")]
    [InlineData("text-encoder=fp8, Decoder=int8", "int8", "dense", "fp8")]
    public void WordsNameFormats(string text, string decoders, string languageModel, string textEncoders)
    {
        Assert.True(WeightFormats.TryParse(text, out WeightFormats? formats));
        Assert.Equal(
            [decoders, languageModel, textEncoders],
            new[] { formats.Decoders, formats.LanguageModel, formats.TextEncoders }.Select(format => format.Name));
        Assert.True(WeightFormats.TryParse(formats.ToString(), out WeightFormats? again));
        Assert.Equal(formats, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("int5")]
    [InlineData("decoder")]
    [InlineData("decoder=")]
    [InlineData("decoder=int4,decoder=int8")]
    [InlineData("vae=int4")]
    [InlineData("int8,int4")]
    public void OthersAreRefused(string text) => Assert.False(WeightFormats.TryParse(text, out _));

    [Fact]
    public void EachFormatHasAWord()
    {
        Assert.Equal(WeightFormats.Of(Int8Format.Instance).ToString(), Int8Format.Instance.Name);
        Assert.All(
            (LinearFormat[])
            [
                DenseFormat.Instance, DenseFormat.Float8, Int8Format.Instance, BlockedFormat.Int4, BlockedFormat.Stored,
            ],
            format => Assert.Contains(format.Name, WeightFormats.Words));
    }
}
