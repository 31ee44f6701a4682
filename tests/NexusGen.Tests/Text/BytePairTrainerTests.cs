using NexusGen.Text;

namespace NexusGen.Tests.Text;

/// <summary>A vocabulary that is trained from texts and read back like any other.</summary>
public sealed class BytePairTrainerTests
{
    private static readonly string[] Texts =
    [
        .. Enumerable.Repeat("a red star and a red ring", 5),
        .. Enumerable.Repeat("红色的星星", 4)
    ];

    [Fact]
    public void FrequentWordsBecomeTokensAndEverythingComesBack()
    {
        string folder = Directory.CreateTempSubdirectory("nexusgen-test-").FullName;
        try
        {
            BytePairTrainer.Write(Texts, 290, folder);
            QwenTokenizer tokenizer = QwenTokenizer.Load(folder);
            Assert.Single(tokenizer.Encode(" red"));
            Assert.Equal(290 + 12, tokenizer.TokenId(SpecialTokens.ImagePad));
            Assert.True(tokenizer.IsSpecial(tokenizer.TokenId(SpecialTokens.TurnEnd)));
            foreach (string text in (string[])["a red star", "红色的星星", "Ünknown wörds 猫 🙂\n\t", "<|im_start|>user\nhi<|im_end|>"])
            {
                Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void TheSameTextsGiveTheSameVocabularyInWhateverOrder()
    {
        (IReadOnlyList<string> tokens, IReadOnlyList<(string, string)> merges) = BytePairTrainer.Train(Texts, 280);
        (IReadOnlyList<string> again, IReadOnlyList<(string, string)> sameMerges) = BytePairTrainer.Train(Texts.Reverse(), 280);
        Assert.Equal(tokens, again);
        Assert.Equal(merges, sameMerges);
        Assert.Equal(280, tokens.Count);
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
    }

    [Fact]
    public void FewerBytesThanThereAreIsRefused() =>
        Assert.Contains("256", Assert.Throws<TokenizerException>(() => BytePairTrainer.Write(Texts, 100, "x")).Message);
}
