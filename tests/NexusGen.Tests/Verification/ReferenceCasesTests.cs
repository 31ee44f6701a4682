using NexusGen.Verification;

namespace NexusGen.Tests.Verification;

/// <summary>All cases of the reference, as the official code computed them.</summary>
public sealed class ReferenceCasesTests(ReferenceCasesTests.Results results) : IClassFixture<ReferenceCasesTests.Results>
{
    // The kinds that are not computed yet.
    private static readonly string[] TrainingKinds =
    [
        "loss-autoregressive", "loss-editing-decoder", "loss-generation-decoder", "train-autoregressive", "train-editing-decoder",
        "train-generation-decoder", "training-encode",
    ];

    public static TheoryData<string> Cases => [.. Folders.Where(name => !TrainingKinds.Contains(KindOf(name)))];

    private static IEnumerable<string> Folders => Verifier.Find(ReferenceFolder.Path)
        .Select(folder => Path.GetRelativePath(Path.Combine(ReferenceFolder.Path, "cases"), folder).Replace('\\', '/'));

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheOfficialCode(string name) => Assert.Matches($"^PASS {name} [0-9]\\.[0-9]e-?[0-9]+$", results.All[name].ToString());

    [Fact]
    public void OnlyTrainingIsSkipped()
    {
        Assert.Equal(121, results.All.Count);
        Assert.Equal(TrainingKinds, results.All.Values.Where(result => result.Verdict == Verdict.Skipped).Select(result => result.Kind).Distinct().Order());
        Assert.Equal(103, results.All.Values.Count(result => result.Verdict == Verdict.Passed));
        Assert.Equal("SKIP training-encode/draw (training is not there yet)", results.All["training-encode/draw"].ToString());
    }

    [Fact]
    public void NothingIsWrittenIntoTheReference() => Assert.Equal(results.FilesBefore, Results.Files());

    private static string KindOf(string name) => name[..name.IndexOf('/')];

    /// <summary>All results, computed once with each model loaded once.</summary>
    public sealed class Results
    {
        public string[] FilesBefore { get; } = Files();

        public IReadOnlyDictionary<string, CaseResult> All { get; } =
            new Verifier(new VerifierOptions()).Verify(ReferenceFolder.Path).ToDictionary(result => $"{result.Kind}/{result.Name}");

        public static string[] Files() => [.. new DirectoryInfo(ReferenceFolder.Path).GetFiles("*", SearchOption.AllDirectories)
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}").Order(StringComparer.Ordinal)];
    }
}
