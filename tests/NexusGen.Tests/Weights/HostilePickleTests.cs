using NexusGen.Weights.Files.Pickle;

namespace NexusGen.Tests.Weights;

/// <summary>A pickle is treated as data: whatever would run code or exhaust the reader is refused with one sentence.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static PickleBuilder New() => new();

    private void Refused(byte[] pickle, params string[] said)
    {
        string path = TorchArchive.Write(_folder["a.bin"], pickle, ("0", TorchArchive.Floats(1, 2)));
        Said.ByOpening(path, [.. said, path]);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("nt", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "exec")]
    [InlineData("builtins", "getattr")]
    [InlineData("__builtin__", "eval")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v2.__globals__")]
    [InlineData("collections", "defaultdict")]
    [InlineData("_codecs", "encode")]
    public void RefusesAnyOtherNameInFull(string module, string name)
    {
        string marker = _folder["ran"];
        Refused(
            New().Global(module, name).Text("touch " + marker).Raw(0x85).Op('R').Stop(),
            $"{module}.{name}",
            "no code was run");
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void RefusesANameMadeOnTheStack() =>
        Refused(new PickleBuilder(4).Text("os").Text("system").Raw(0x93).Text("true").Raw(0x85).Op('R').Stop(), "os.system");

    [Fact]
    public void RefusesANameOfSomethingElseThanTexts() => Refused(New().Int(1).Int(2).Raw(0x93).Stop(), "names a global");

    [Fact]
    public void RefusesANameWithoutEnd() => Refused(New().Op('c').Raw("os"u8).Stop(), "unterminated name of a global");

    [Fact]
    public void RefusesACallOfAValue() => Refused(New().Text("f").Op(')').Op('R').Stop(), "calls a value");

    [Fact]
    public void RefusesACallOfAStorageType() =>
        Refused(New().Global("torch", "FloatStorage").Op(')').Op('R').Stop(), "calls torch.FloatStorage");

    [Fact]
    public void RefusesACallWithTheWrongArguments() =>
        Refused(
            New().Global("torch._utils", "_rebuild_tensor_v2").Tuple(1, 2).Op('R').Stop(),
            "calls torch._utils._rebuild_tensor_v2");

    [Fact]
    public void RefusesAnOrderedDictionaryOfArguments() =>
        Refused(New().Global("collections", "OrderedDict").Op(']').Raw(0x85).Op('R').Stop(), "calls collections.OrderedDict");

    [Theory]
    [InlineData((byte)'i')]
    [InlineData((byte)'o')]
    [InlineData((byte)'P')]
    [InlineData((byte)'S')]
    [InlineData(0x81)]
    [InlineData(0x82)]
    [InlineData(0x92)]
    [InlineData(0xFF)]
    public void RefusesInstructionsThatAreNotNeeded(byte code) => Refused(New().Raw(code).Stop(), $"instruction 0x{code:X2}");

    [Fact]
    public void RefusesAStateForAnythingButADictionary() =>
        Refused(New().Op(']').Op('}').Op('b').Stop(), "the state of an object");

    [Fact]
    public void RefusesAStateThatIsNoDictionary() => Refused(New().Op('}').Text("x").Op('b').Stop(), "the state of an object");

    [Fact]
    public void RefusesABareName() => Refused(New().Global("torch", "FloatStorage").Stop(), "the global torch.FloatStorage");

    [Fact]
    public void RefusesABareStorage() => Refused(New().Storage("FloatStorage", "0", 2).Stop(), "a storage without a tensor");

    [Fact]
    public void RefusesAnotherPersistentId() => Refused(New().Text("file:///etc/passwd").Op('Q').Stop(), "not a storage");

    [Fact]
    public void RefusesAStorageThatIsMissing() =>
        Refused(New().Storage("FloatStorage", "1", 2).Stop(), "storage 1,", "does not contain");

    [Fact]
    public void RefusesAStorageOutsideItsFolder() =>
        Refused(New().Storage("FloatStorage", "../data.pkl", 2).Stop(), "../data.pkl", "does not contain");

    [Fact]
    public void RefusesAStorageOfAnotherSize() =>
        Refused(New().Storage("FloatStorage", "0", 3).Stop(), "3 elements of F32", "8 bytes");

    [Fact]
    public void RefusesAStorageOfNegativeSize() => Refused(New().Storage("FloatStorage", "0", -2).Stop(), "-2 elements");

    [Fact]
    public void RefusesAStorageWhoseSizeOverflows() =>
        Refused(New().Storage("FloatStorage", "0", (1L << 62) + 2).Stop(), "elements of F32");

    [Fact]
    public void RefusesATensorBeyondItsStorage() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 1, [2], [1]).Stop(), "exceeds its storage of 2");

    [Fact]
    public void RefusesANegativePlace() =>
        Refused(New().Tensor("FloatStorage", "0", 2, -1, [1], [1]).Stop(), "exceeds its storage");

    [Fact]
    public void RefusesANegativeStride() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 1, [2], [-1]).Stop(), "exceeds its storage");

    [Fact]
    public void RefusesStridesThatOverflow() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 0, [2, 2], [long.MaxValue, long.MaxValue]).Stop(), "exceeds its storage");

    [Fact]
    public void RefusesANegativeSide() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 0, [-1], [1]).Stop(), "[-1]", "exceeds all limits");

    [Fact]
    public void RefusesATensorThatRepeatsItsStorage() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 0, [1L << 50], [0]).Stop(), "repeats the 2 elements");

    [Fact]
    public void RefusesFewerStridesThanSides() =>
        Refused(New().Tensor("FloatStorage", "0", 2, 0, [1, 2], [1]).Stop(), "exceeds its storage");

    [Fact]
    public void RefusesTooManySides()
    {
        long[] many = [.. Enumerable.Repeat(1L, 100)];
        Refused(New().Tensor("FloatStorage", "0", 2, 0, many, many).Stop(), "100 sides");
    }

    [Fact]
    public void RefusesAnEmptyStack() => Refused(New().Stop(), "without exactly one value");

    [Fact]
    public void RefusesAStackThatIsNotEmptied() => Refused(New().Int(1).Int(2).Stop(), "without exactly one value");

    [Fact]
    public void RefusesTakingFromAnEmptyStack() => Refused(New().Op('0').Stop(), "pops more from its stack");

    [Fact]
    public void RefusesTakingFromBeforeAMark() => Refused(New().Int(1).Op('(').Raw(0x85).Stop(), "pops more from its stack");

    [Fact]
    public void RefusesATupleWithoutMark() => Refused(New().Int(1).Op('t').Stop(), "pops more from its stack");

    [Fact]
    public void RefusesAnAppendToSomethingElse() => Refused(New().Int(1).Int(2).Op('a').Stop(), "not a list");

    [Fact]
    public void RefusesAnItemOfSomethingElse() => Refused(New().Op(']').Int(1).Int(2).Op('s').Stop(), "not a dictionary");

    [Fact]
    public void RefusesAKeyWithoutValue() => Refused(New().Op('}').Op('(').Int(1).Op('u').Stop(), "key without a value");

    [Fact]
    public void RefusesAListAsKey() => Refused(New().Op('}').Op(']').Int(1).Op('s').Stop(), "key that is neither");

    [Fact]
    public void RefusesADoubledKey() =>
        Refused(New().Op('}').Op('(').Text("k").Int(1).Text("k").Int(2).Op('u').Stop(), "key k twice");

    [Fact]
    public void RefusesTwoTensorsOfOnePath() => Refused(
        New().Op('}').Op('(').Text("a.b").Tensor("FloatStorage", "0", 2, 0, [2], [1])
            .Text("a").Op('}').Text("b").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Op('u').Stop(),
        "two tensors with the name a.b");

    [Fact]
    public void RefusesAMissingStop() => Refused(New().Int(1).Stop()[..^1], "ends at byte");

    [Fact]
    public void RefusesATextThatIsLongerThanThePickle() => Refused(New().Op('X').Number32(uint.MaxValue).Stop(), "ends at byte");

    [Fact]
    public void RefusesATextLongerThanAllMemory() =>
        Refused(New().Raw(0x8D, 255, 255, 255, 255, 255, 255, 255, 255).Stop(), "ends at byte");

    [Fact]
    public void RefusesATextThatIsNoUtf8() => Refused(New().Op('X').Number32(1).Raw(0xFF).Stop(), "UTF-8");

    [Fact]
    public void RefusesAHugeInteger() => Refused(New().Raw(0x8B).Number32(1 << 30).Stop(), "1073741824 bytes");

    [Fact]
    public void RefusesAnIntegerOfMoreThan64Bits() => Refused(New().Raw(0x8A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9).Stop(), "9 bytes");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    public void RefusesOtherProtocols(byte protocol) =>
        Refused(new PickleBuilder(protocol).Int(1).Stop(), $"protocol {protocol}");

    [Fact]
    public void RefusesRecallingWhatWasNotRemembered() => Refused(New().Op('h').Raw(5).Stop(), "the memo entry 5");

    [Fact]
    public void AMemoFarAwayTakesNoMemory()
    {
        byte[] pickle = New().Int(1).Op('r').Number32(uint.MaxValue).Op('0').Op('j').Number32(uint.MaxValue).Stop();
        using PickleArchive archive = PickleArchive.Load(TorchArchive.Write(_folder["a.bin"], pickle));
        Assert.Equal(1L, archive.Root);
    }

    [Fact]
    public void RefusesAFloodOfMarks() => Refused(New().Repeat(100_000, pickle => pickle.Op('(')).Stop(), "nested more than 256");

    [Fact]
    public void RefusesDeepLists() =>
        Refused(
            New().Repeat(100_000, pickle => pickle.Op(']')).Repeat(99_999, pickle => pickle.Op('a')).Stop(),
            "nested more than 64");

    [Fact]
    public void RefusesDeepTuples() =>
        Refused(New().Op(')').Repeat(1_000_000, pickle => pickle.Raw(0x85)).Stop(), "nested more than 64");

    [Fact]
    public void RefusesAListThatHoldsItself() =>
        Refused(New().Op(']').Op('q').Raw(0).Op('h').Raw(0).Op('a').Stop(), "contains itself");

    [Fact]
    public void RefusesADictionaryThatHoldsItselfFarBelow() =>
        Refused(
            New().Op('}').Op('q').Raw(0).Text("k").Op('h').Raw(0).Raw(0x85).Raw(0x85).Op('s').Stop(),
            "contains itself",
            "k.0.0");

    [Fact]
    public void RefusesABillionLaughs() => Refused(
        New().Op(']').Repeat(40, pickle => pickle.Op('q').Raw(0).Op('0').Op('(').Op('h').Raw(0).Op('h').Raw(0).Op('t')).Stop(),
        "expands to more than");

    [Fact]
    public void RefusesAFloodOfObjects() =>
        Refused(New().Op('(').Repeat(4_100_000, pickle => pickle.Op('}')).Op('t').Stop(), "more than 4000000 objects");

    [Fact]
    public void RefusesAFloodOfInstructions() =>
        Refused(New().Int(1).Repeat(10_500_000, pickle => pickle.Op('2').Op('0')).Stop(), "more than 20000000 instructions");

    [Fact]
    public void RefusesNamesThatGrowWithoutBounds() =>
        Refused(
            New().Op('}').Text(new string('k', 5_000)).Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op('s').Stop(),
            "names of more than");

    [Fact]
    public void RefusesAPickleBeyondTheLimit()
    {
        ZipBuilder.Write(_folder["a.bin"], [new("x/data.pkl", []) { Zeros = 1L << 33 }], zip64: true);
        Said.ByOpening(_folder["a.bin"], "pickle of 8589934592 bytes");
    }
}
