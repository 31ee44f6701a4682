using NexusGen.Training.Verification;
using NexusGen.Verification;

namespace NexusGen.Tests.Verification;

/// <summary>Tests all cases of the reference against the results of the official code.</summary>
public sealed class ReferenceCasesTests(ReferenceCasesTests.Results results) : IClassFixture<ReferenceCasesTests.Results>
{
    public static TheoryData<string> Cases => [.. Folders];

    private static IEnumerable<string> Folders => Verifier.Find(ReferenceFolder.Path)
        .Select(folder => Path.GetRelativePath(Path.Combine(ReferenceFolder.Path, "cases"), folder).Replace('\\', '/'));

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheOfficialCode(string name) =>
        Assert.Matches($"^PASS {name} [0-9]\\.[0-9]e-?[0-9]+$", results.All[name].ToString());

    [Fact]
    public void NoneIsLeftOut()
    {
        Assert.Equal(121, results.All.Count);
        Assert.All(results.All.Values, result => Assert.Equal(Verdict.Passed, result.Verdict));
    }

    [Fact]
    public void NothingIsWrittenIntoTheReference() => Assert.Equal(results.FilesBefore, Results.Files());

    /// <summary>Gets all results, which are computed once with each model loaded once.</summary>
    public sealed class Results
    {
        public string[] FilesBefore { get; } = Files();

        public IReadOnlyDictionary<string, CaseResult> All { get; } =
            new Verifier(new VerifierOptions { Kinds = [CaseKinds.Inference, TrainingCaseKinds.All] })
                .Verify(ReferenceFolder.Path).ToDictionary(result => $"{result.Kind}/{result.Name}");

        public static string[] Files() => [.. new DirectoryInfo(ReferenceFolder.Path).GetFiles("*", SearchOption.AllDirectories)
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}").Order(StringComparer.Ordinal)];
    }
}
