//! What a component's memory is initialised with, taken out of the component.
//!
//! A module writes its data into its memory when it is instantiated, for each virtual
//! user again: 28 KiB for a scenario in Rust, of which it goes on to write to two
//! pages. Taken out and kept by [`Memories`](crate::slab::Memories), the rest is there
//! once for all.

use std::ops::Range;

use wasm_encoder::{DataSection, DataSegment, DataSegmentMode, Encode};
use wasmparser::{
    BinaryReader, BinaryReaderError, ConstExpr, DataKind, DataSectionReader, MemorySectionReader,
    Operator, Parser, Payload, TypeRef,
};

use crate::slab::InitialMemory;

/// The ids of sections: of a component those that hold another module or component
/// (component model, binary format), of a module that of its data.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;
const DATA: u8 = 11;

/// How long the preamble of modules and components is.
const PREAMBLE: usize = 8;

/// A component whose data was taken out.
#[derive(Debug)]
pub(super) struct TakenOut {
    /// The component without it.
    pub(super) component: Vec<u8>,
    /// What its memory is to hold in place of it.
    pub(super) memory: InitialMemory,
}

/// How many bytes all modules of a component write into their memories.
///
/// # Errors
///
/// When it is no valid component; who compiles it will say so in other words.
pub(super) fn data_len(component: &[u8]) -> Result<usize, BinaryReaderError> {
    let mut len = 0;
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::DataSection(data) = payload? {
            for segment in data {
                len += segment?.data.len();
            }
        }
    }
    Ok(len)
}

/// A memory of a component, as each of its instances has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnMemory {
    /// How many bytes it has at first.
    pub(super) minimum: usize,
    /// Whether its module writes data.
    pub(super) has_data: bool,
}

/// The memories that a component's modules have for themselves.
///
/// # Errors
///
/// As for [`data_len`].
pub(super) fn memories(component: &[u8]) -> Result<Vec<OwnMemory>, BinaryReaderError> {
    let of = |module: Module| {
        let has_data = module.len > 0;
        let memories = module.memories.into_iter();
        memories.map(move |minimum| OwnMemory { minimum, has_data })
    };
    Ok(modules(component)?.into_iter().flat_map(of).collect())
}

/// Takes the data of the module with the most of it out of a component. `None` where
/// what it writes cannot be told from the bytes alone, or where its memory cannot be
/// told from another by its size.
///
/// # Errors
///
/// As for [`data_len`].
pub(super) fn take_out(component: &[u8]) -> Result<Option<TakenOut>, BinaryReaderError> {
    let modules = modules(component)?;
    let largest = modules
        .iter()
        .filter(|module| module.takes_out())
        .max_by_key(|module| module.len);
    let Some(largest) = largest else {
        return Ok(None);
    };
    let like_it = |module: &&Module| module.memories.contains(&largest.memories[0]);
    let (Some(data), 1) = (&largest.data, modules.iter().filter(like_it).count()) else {
        return Ok(None);
    };
    let Some(segments) = segments(component, data)? else {
        return Ok(None);
    };
    let Some(memory) = InitialMemory::new(largest.memories[0], segments) else {
        // It is to trap, as it does without this.
        return Ok(None);
    };
    Ok(Some(TakenOut {
        component: without(component, data)?,
        memory,
    }))
}

/// A module of a component, as far as it matters here.
#[derive(Debug, Default)]
struct Module {
    /// The sizes of its own memories, in bytes.
    memories: Vec<usize>,
    /// Whether it has memories of others, or of a kind that is laid out in another way.
    is_special: bool,
    /// Where in the component its data section's content is.
    data: Option<Range<u64>>,
    /// How many bytes of it are written when the module is instantiated.
    len: usize,
}

impl Module {
    /// Whether its data may be taken out, as far as its memories go.
    fn takes_out(&self) -> bool {
        !self.is_special && self.len > 0 && matches!(self.memories[..], [minimum] if minimum > 0)
    }
}

/// How many components may lie in each other. What goes deeper was made to do harm, since
/// whoever takes data out of them goes down as deep: it stays as it is.
const DEEPEST: usize = 100;

fn modules(component: &[u8]) -> Result<Vec<Module>, BinaryReaderError> {
    let mut modules: Vec<Module> = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Ok(Vec::new());
        }
        if let Payload::ModuleSection { .. } = &payload {
            modules.push(Module::default());
            continue;
        }
        // Modules do not lie in each other, so that what comes is the last one's.
        let Some(module) = modules.last_mut() else {
            continue;
        };
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    module.is_special |= matches!(import?.ty, TypeRef::Memory(_));
                }
            }
            Payload::MemorySection(memories) => module.read_memories(memories)?,
            Payload::DataSection(data) => {
                module.data = Some(data.range());
                for segment in data {
                    let segment = segment?;
                    if let DataKind::Active { .. } = segment.kind {
                        module.len += segment.data.len();
                    }
                }
            }
            _ => {}
        }
    }
    Ok(modules)
}

impl Module {
    fn read_memories(
        &mut self,
        memories: MemorySectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for memory in memories {
            let memory = memory?;
            self.is_special |= memory.memory64 || memory.shared || memory.page_size_log2.is_some();
            let page = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(16));
            let minimum = memory.initial.saturating_mul(page.unwrap_or(u64::MAX));
            self.memories.push(index(minimum));
        }
        Ok(())
    }
}

/// What the data section writes where; `None` when that is not in the bytes.
#[expect(clippy::type_complexity, reason = "a list of what is where")]
fn segments(
    component: &[u8],
    data: &Range<u64>,
) -> Result<Option<Vec<(usize, Vec<u8>)>>, BinaryReaderError> {
    let mut segments = Vec::new();
    for segment in reader(component, data)? {
        let segment = segment?;
        if let DataKind::Active {
            memory_index,
            offset_expr,
        } = segment.kind
        {
            match (memory_index, constant(&offset_expr)?) {
                (0, Some(offset)) => segments.push((offset, segment.data.to_vec())),
                _ => return Ok(None),
            }
        }
    }
    Ok(Some(segments))
}

fn reader<'a>(
    component: &'a [u8],
    data: &Range<u64>,
) -> Result<DataSectionReader<'a>, BinaryReaderError> {
    let content = &component[index(data.start)..index(data.end)];
    DataSectionReader::new(BinaryReader::new(content, data.start))
}

/// A number of bytes of what is in memory.
fn index(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The value of an expression that is one number.
fn constant(expression: &ConstExpr<'_>) -> Result<Option<usize>, BinaryReaderError> {
    let mut operators = expression.get_operators_reader();
    let value = match operators.read()? {
        Operator::I32Const { value } => value.cast_unsigned(),
        _ => return Ok(None),
    };
    let is_all = matches!(operators.read()?, Operator::End);
    Ok(usize::try_from(value).ok().filter(|_| is_all))
}

/// The component with a data section that writes nothing. Its segments keep their
/// numbers, and those that the code writes itself their bytes.
fn without(component: &[u8], data: &Range<u64>) -> Result<Vec<u8>, BinaryReaderError> {
    let mut section = DataSection::new();
    for segment in reader(component, data)? {
        let segment = segment?;
        match segment.kind {
            DataKind::Passive => section.passive(segment.data.iter().copied()),
            DataKind::Active { .. } => section.segment(DataSegment {
                mode: DataSegmentMode::Active {
                    memory_index: 0,
                    offset: &wasm_encoder::ConstExpr::i32_const(0),
                },
                data: [],
            }),
        };
    }
    let mut content = Vec::new();
    section.encode(&mut content);
    // With its length in front, which each level writes itself.
    let mut reader = BinaryReader::new(&content, 0);
    let len = reader.read_var_u32()? as usize;
    let content = reader.read_bytes(len)?;
    replaced(component, 0, data, content)
}

/// A module or component with another content of one section, and the lengths of all
/// around it set right. `start` is where its bytes are in the outermost one.
fn replaced(
    bytes: &[u8],
    start: u64,
    section: &Range<u64>,
    content: &[u8],
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut made = bytes[..PREAMBLE].to_vec();
    // The layer, after the version: 0 for a module.
    let is_module = bytes[6] == 0;
    let mut reader = BinaryReader::new(&bytes[PREAMBLE..], start + PREAMBLE as u64);
    while !reader.eof() {
        let id = reader.read_u8()?;
        let len = reader.read_var_u32()? as usize;
        let place = reader.original_position();
        let old = reader.read_bytes(len)?;
        let holds = place <= section.start && section.end <= place + len as u64;
        let new = match id {
            DATA if is_module && holds => Some(content.to_vec()),
            CORE_MODULE | COMPONENT if !is_module && holds => {
                Some(replaced(old, place, section, content)?)
            }
            _ => None,
        };
        made.push(id);
        new.as_deref().unwrap_or(old).encode(&mut made);
    }
    Ok(made)
}

#[cfg(test)]
mod tests;
